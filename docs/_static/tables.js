// In a table of three columns or more, give each cell after the first its column's name: pages.css shows it on a phone.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("article table")) {
    const names = [...table.querySelectorAll("thead th")].map((heading) => heading.textContent.trim());
    if (names.length < 3) continue;
    for (const cell of table.querySelectorAll("tbody td")) {
      const name = names[cell.cellIndex];
      if (cell.cellIndex > 0 && name) cell.dataset.column = name;
    }
  }
});
