// What pages.css needs to show a table row by row on a phone: which cells are empty and, where a table has three columns
// or more, each cell's column.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("article table")) {
    const names = [...table.querySelectorAll("thead th")].map((heading) => heading.textContent.trim());
    for (const cell of table.querySelectorAll("tbody td")) {
      const name = names[cell.cellIndex];
      cell.classList.toggle("empty", !cell.textContent.trim());
      if (names.length > 2 && cell.cellIndex > 0 && name) cell.dataset.column = name;
    }
  }
});
