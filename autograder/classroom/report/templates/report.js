"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const shown = (value) => (value === null || value === undefined ? "–" : String(Math.round(value * 100) / 100));

  // Sorting: numbers by data-value, texts by the reader's own language; what is no number goes last.
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const compare = (a, b) => {
    if (typeof a === "string") return a.localeCompare(b);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return a - b;
  };
  const sort = (table, column) => {
    const head = table.tHead.rows[0].cells[column];
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows].map((row, index) => [key(row, column), index, row]);
    rows.sort((a, b) => {
      if (Number.isNaN(a[0]) || Number.isNaN(b[0])) return compare(a[0], b[0]) || a[1] - b[1];
      return sign * compare(a[0], b[0]) || a[1] - b[1];
    });
    table.tBodies[0].append(...rows.map((entry) => entry[2]));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((cell, column) =>
      cell.addEventListener("click", () => sort(table, column)),
    );
  }

  // The data are read once they are needed; searches look in what students were told, too.
  let data = null;
  const read = () => (data = data || JSON.parse($("data").textContent));
  const bare = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    return page.body.textContent.replace(/\s+/g, " ").trim();
  };
  const isLost = ([, , score, most, status]) => (score === null ? status === "failed" : score < most || (status === "failed" && most > 0));

  // Searching, and the students whom a test, a mistake, a flag or a state leads to.
  const people = [...$("people").tBodies[0].rows];
  const idOf = (row) => decodeURIComponent(row.cells[0].firstElementChild.hash.slice("#student=".length));
  // As people type: no accents, one sigma, and letters that are no accents of others as their neighbours.
  const SINGLE = { ł: "l", ø: "o", đ: "d", ð: "d", ħ: "h", ı: "i", æ: "ae", œ: "oe", þ: "th", ς: "σ" };
  const plain = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase().replace(/[łøđðħıæœþς]/g, (letter) => SINGLE[letter]);
  const verb = (label, count) =>
    count === 1 ? label.replace(/^(have|are|were)\b/, (word) => ({ have: "has", are: "is", were: "was" })[word]) : label;
  const facetsOf = new Map(people.map((row) => [row, row.dataset.facets.split("|")]));
  const own = (row) => [...row.cells].filter((cell) => !cell.classList.contains("told")).map((cell) => cell.textContent).join(" ");
  const names = new Map(people.map((row) => [row, plain(own(row))]));
  const numbers = new Set([...$("items").tBodies[0].rows].map((row) => row.dataset.test));
  let haystacks = null;
  const told = () => {
    if (haystacks) return haystacks;
    const { students, texts } = read();
    const words = texts.map((html) => plain(bare(html)));
    haystacks = new Map(
      people.map((row) => {
        const student = students[idOf(row)];
        const lost = student.tests.filter(isLost).map((test) => `${plain(test[1])} ${words[test[5]]}`);
        const states = facetsOf.get(row).filter((facet) => !facet.startsWith("lost:")).join(" ");
        const by_people = [...student.flags, ...student.changed, ...uses(student).map((one) => one[1])].join(" ");
        return [row, [names.get(row), plain(states), plain(by_people), ...lost].join(" ")];
      }),
    );
    return haystacks;
  };
  const uses = (student) => student.allowed.filter((one) => one[2]);
  const spell = ([name, text]) => (name ? `${name}: ${text}` : text);
  let facet = null;
  const matches = (row, word) => {
    if (numbers.has(word)) return facetsOf.get(row).includes(`lost:${word}`);
    return names.get(row).includes(word) || told().get(row).includes(word);
  };
  // What stands beside each of those whom a test or a state leads to: what they were told, or what people wrote.
  const reason = (student) => {
    const [kind, name] = [facet.key.slice(0, facet.key.indexOf(":")), facet.key.slice(facet.key.indexOf(":") + 1)];
    if (kind === "lost") {
      const number = name.split(" [")[0];
      const test = student.tests.find((entry) => entry[0] === number);
      const about = student.changed.filter((line) => line.startsWith(`${number} `) || line.startsWith("The score:"));
      return [test ? bare(data.texts[test[5]]) : "", ...about].filter(Boolean).join(" ");
    }
    if (kind === "flag" || name === "flagged") return student.flags.join(" ");
    if (name === "changed by hand") return student.changed.join(" ");
    const late = student.tests.find((entry) => !entry[0] && entry[1] === "Handed in late");
    if (name === "late") return late ? bare(data.texts[late[5]]) : "";
    return ["extension", "in time by an extension", "late days used"].includes(name) ? uses(student).map(spell).join(" ") : "";
  };
  const explain = () => {
    const listed = facet === null ? [] : people.filter((row) => !row.hidden);
    if (listed.length) read();
    const reasons = listed.map((row) => reason(data.students[idOf(row)]));
    const any = reasons.some(Boolean);
    for (const cell of $("people").querySelectorAll(".told")) cell.hidden = !any;
    $("people").classList.toggle("explains", any);
    listed.forEach((row, index) => {
      const text = reasons[index];
      row.querySelector("td.told").textContent = text.length > 200 ? `${text.slice(0, 199)}…` : text;
    });
  };
  const filter = () => {
    const words = plain($("search").value).split(/\s+/).filter(Boolean);
    let count = 0;
    let chosen = 0;
    for (const row of people) {
      const has = facet === null || facetsOf.get(row).includes(facet.key);
      const found = has && words.every((word) => matches(row, word));
      row.hidden = !found;
      chosen += has;
      count += found;
    }
    if (facet === null) $("shown").textContent = plural(count, "student");
    else if (!words.length) $("shown").textContent = `${plural(count, "student")} who ${verb(facet.label, count)}`;
    else {
      const both = `${plural(chosen, "student")} who ${verb(facet.label, chosen)}`;
      $("shown").textContent = `${count} of ${both} ${count === 1 ? "matches" : "match"} “${$("search").value.trim()}”`;
    }
    $("clear").hidden = facet === null && !words.length;
    explain();
  };
  $("search").addEventListener("input", filter);
  $("clear").addEventListener("click", () => {
    facet = null;
    $("search").value = "";
    filter();
    $("search").focus();
  });
  for (const button of document.querySelectorAll("[data-facet]")) {
    button.addEventListener("click", () => {
      facet = { key: button.dataset.facet, label: button.dataset.label };
      $("search").value = "";
      filter();
      $("students").scrollIntoView();
      $("clear").focus({ preventScroll: true });
    });
  }

  // A student's own page, made when it is asked for. The texts are HTML that the report made itself.
  const broken = (node, text) => {
    text.split(/(?<=[\p{L}\p{N}][._])(?=[\p{L}\p{N}])/u).forEach((part, index) => node.append(...(index ? [document.createElement("wbr"), part] : [part])));
    return node;
  };
  const testRow = ([number, name, score, most, status, text, visibility]) => {
    const informs = score === null || score === undefined;
    let kind = "informs";
    if (!informs && status !== "failed") kind = score >= most ? "kept" : "partly";
    else if (status === "failed" && (most || informs)) kind = score > 0 ? "partly" : "lost";
    const row = make("section", `row ${kind}`);
    const head = make("h3");
    head.append(broken(make("span"), `${number} ${name}`.trim()));
    head.append(make("span", "", informs ? status : `${shown(score)} / ${shown(most)}`));
    row.append(head);
    if (visibility && visibility !== "visible") row.append(make("p", "muted", `Not for students: ${visibility}`));
    const body = make("div");
    body.innerHTML = read().texts[text];
    row.append(body);
    return row;
  };
  const show = (id) => {
    const student = read().students[id];
    if (!student) return false;
    $("h-student").textContent = student.title;
    const about = $("about");
    about.replaceChildren();
    const total = student.score === null ? student.status : `${shown(student.score)} of ${shown(student.of)} points`;
    const late = student.days ? `, ${plural(student.days, "day")} late, ${shown(student.raw)} before that` : "";
    about.append(make("p", "", total + late));
    if (student.written.length) {
      const most = data.written === null ? "" : ` of ${shown(data.written)}`;
      const [[, first]] = student.written;
      const parts = student.written.map(([name, points]) => `${name} ${points === null ? "none" : shown(points)}`).join(", ");
      if (student.written.length > 1) about.append(make("p", "", `Written part${most ? `,${most} points` : ""}: ${parts}`));
      else about.append(make("p", "", first === null ? "No points for the written part" : `Written part: ${shown(first)}${most} points`));
    }
    if (student.tries.length) {
      about.append(make("p", "", `Handed in ${student.tries.length} times: ${student.tries.map(shown).join(" → ")} points`));
    } else if (student.handed_in > 1) {
      about.append(make("p", "", `Handed in ${student.handed_in} times; no earlier score is known`));
    }
    for (const one of student.allowed) about.append(make("p", "", spell(one)));
    if (student.changed.length) {
      const changed = make("ul", "notes changed");
      changed.append(make("li", "", "Changed by the course staff:"), ...student.changed.map((line) => make("li", "", line)));
      about.append(changed);
    }
    const facts = [id, student.created && `handed in ${student.created}`, `graded in ${shown(student.seconds)} s`];
    about.append(make("p", "muted", [...student.people, ...facts].filter(Boolean).join(" · ")));
    if (student.flags.length) {
      const flags = make("ul", "notes");
      for (const flag of student.flags) flags.append(make("li", "", flag));
      about.append(flags);
    }
    for (const [other, share] of student.alike) {
      const line = make("p", "", share === null ? "alike, in a group with " : `${Math.round(1000 * share) / 10} % alike: `);
      const link = make("a", "", data.students[other] ? data.students[other].title : other);
      link.href = `#student=${encodeURIComponent(other)}`;
      line.append(link);
      about.append(line);
    }
    const seen = $("seen");
    seen.replaceChildren();
    const output = make("div");
    output.innerHTML = data.texts[student.output];
    const worthless = student.tests.filter((test) => test[2] !== null && !test[3] && test[4] !== "failed");
    seen.append(output, ...student.tests.filter((test) => !worthless.includes(test)).map(testRow));
    if (worthless.length) {
      const folded = make("details", "worthless");
      folded.append(make("summary", "", `${plural(worthless.length, "row")} without points`), ...worthless.map(testRow));
      seen.append(folded);
    }
    const lost = student.tests.filter(isLost).length;
    $("lost-only").checked = lost > 0;
    $("kept").textContent = `${lost} of ${plural(student.tests.length, "row")}`;
    seen.classList.toggle("only-lost", lost > 0);
    return true;
  };
  const order = () => [
    ...new Set(
      [...$("people").tBodies[0].rows]
        .filter((row) => !row.hidden)
        .map(idOf),
    ),
  ];
  let place = null;
  const step = (by) => {
    const ids = order();
    const next = ids[(ids.indexOf(place) + by + ids.length) % ids.length];
    if (next !== undefined) location.hash = `student=${encodeURIComponent(next)}`;
  };
  $("lost-only").addEventListener("change", (event) => $("seen").classList.toggle("only-lost", event.target.checked));
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  const route = () => {
    const wanted = location.hash.startsWith("#student=") ? decodeURIComponent(location.hash.slice(9)) : null;
    const before = place;
    place = wanted !== null && show(wanted) ? wanted : null;
    $("student").hidden = place === null;
    $("overview").hidden = place !== null;
    if (place !== null) {
      window.scrollTo(0, 0);
      $("h-student").focus();
    } else if (before !== null) {
      const link = document.querySelector(`#people a[href="#student=${CSS.escape(encodeURIComponent(before))}"]`);
      const target = document.querySelector(location.hash || "#main");
      (target || $("main")).scrollIntoView();
      if (link) link.focus();
    }
  };
  window.addEventListener("hashchange", route);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && place !== null) location.hash = "students";
    if (event.key === "/" && place === null && !["INPUT", "TEXTAREA"].includes(document.activeElement.tagName)) {
      event.preventDefault();
      $("search").focus();
    }
  });
  route();
})();
