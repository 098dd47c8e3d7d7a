(function () {
  "use strict";
  // Without this script the table is as it was written; with it every heading is a button.
  function key(cell) { return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim(); }
  function compare(a, b) {
    var numbers = typeof a === "number", other = typeof b === "number";
    if (numbers && other) { return a - b; }
    if (numbers !== other) { return numbers ? -1 : 1; }
    return a.localeCompare(b, document.documentElement.lang);
  }
  function sort(table, column, direction) {
    var body = table.tBodies[0], rows = Array.from(body.rows), last = rows[rows.length - 1];
    var bottom = last.cells[0].style.borderBottom;
    rows.map(function (row, i) { return [key(row.cells[column]), i, row]; }).sort(function (one, other) {
      // A missing value stays last whichever way the others run.
      var missing = (one[0] === "—") - (other[0] === "—");
      return missing || direction * compare(one[0], other[0]) || one[1] - other[1];
    }).forEach(function (found) { body.appendChild(found[2]); });
    Array.from(last.cells).forEach(function (cell) { cell.style.borderBottom = "none"; });
    Array.from(body.lastElementChild.cells).forEach(function (cell) { cell.style.borderBottom = bottom; });
  }
  document.querySelectorAll("table[data-sortable]").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append.apply(button, Array.from(head.childNodes));
      head.appendChild(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sort(table, column, up ? 1 : -1);
      });
    });
  });
}());
