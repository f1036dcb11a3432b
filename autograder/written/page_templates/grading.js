"use strict";
(() => {
  const data = JSON.parse(document.getElementById("answers").textContent);
  const read = (ticket) => {
    try { return JSON.parse(localStorage.getItem(data.set + ticket)) || {}; } catch { return {}; }
  };
  const keep = (ticket, entry) => {
    try { localStorage.setItem(data.set + ticket, JSON.stringify(entry)); }
    catch { document.getElementById("kept").textContent = "This browser keeps nothing: download the CSV before you close the page."; }
  };
  const cell = (text) => '"' + String(text).replaceAll('"', '""') + '"';
  const progress = () => {
    let done = 0;
    for (const one of data.answers) if ((read(one.ticket).points ?? "") !== "") done += 1;
    for (const place of document.querySelectorAll("[data-progress]")) place.textContent = `${done} of ${data.answers.length} graded`;
    for (const row of document.querySelectorAll("[data-question]")) {
      const ours = data.answers.filter((one) => one.question === row.dataset.question);
      const graded = ours.filter((one) => (read(one.ticket).points ?? "") !== "").length;
      row.textContent = `${graded} of ${ours.length}`;
    }
  };
  const articles = [...document.querySelectorAll("article[data-ticket]")];
  let current = -1;
  const go = (index) => {
    if (!articles.length) return;
    if (current >= 0) articles[current].classList.remove("current");
    current = Math.max(0, Math.min(articles.length - 1, index));
    articles[current].classList.add("current");
    articles[current].scrollIntoView({ block: "start", behavior: "auto" });
  };
  for (const article of articles) {
    const ticket = article.dataset.ticket;
    const points = article.querySelector("input");
    const remark = article.querySelector("textarea");
    const entry = read(ticket);
    if (entry.points !== undefined) points.value = entry.points;
    if (entry.comment) remark.value = entry.comment;
    const save = () => {
      keep(ticket, { points: points.checkValidity() ? points.value : "", comment: remark.value });
      progress();
    };
    points.addEventListener("input", save);
    remark.addEventListener("input", save);
    article.addEventListener("focusin", () => {
      if (current >= 0) articles[current].classList.remove("current");
      current = articles.indexOf(article);
      article.classList.add("current");
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(input|textarea)$/i.test(event.target.tagName);
    if (typing) { if (event.key === "Escape") event.target.blur(); return; }
    if (event.key === "j") go(current + 1);
    else if (event.key === "k") go(current - 1);
    else if (event.key === "r") { const one = document.querySelector("details"); if (one) one.open = !one.open; }
    else if (event.key === "o" && current >= 0) { const link = articles[current].querySelector("a.handed"); if (link) link.click(); }
    else if (event.key === "c" && current >= 0) { articles[current].querySelector("textarea").focus(); event.preventDefault(); }
    else if (/^[0-9]$/.test(event.key) && current >= 0) {
      const points = articles[current].querySelector("input");
      const value = points.value;
      points.value = event.key;
      if (!points.checkValidity()) { points.value = value; return; }
      points.dispatchEvent(new Event("input"));
    } else return;
  });
  for (const button of document.querySelectorAll("button[data-download]")) {
    button.addEventListener("click", () => {
      const lines = ["question,ticket,points,of,comment"];
      for (const one of data.answers) {
        const entry = read(one.ticket);
        lines.push([one.question, one.ticket, entry.points ?? "", one.of, entry.comment ?? ""].map(cell).join(","));
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
      link.download = button.dataset.download;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }
  progress();
})();
