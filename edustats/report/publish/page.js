// A figure of a sentence, or a row of a table, leads to its line among the sources: by click, Enter or Space.
document.addEventListener("click", function (event) { lead(event.target, event); });
document.addEventListener("keydown", function (event) {
  if (event.key === "Enter" || event.key === " ") lead(event.target, event);
});
function lead(from, event) {
  var figure = from.closest && from.closest("[data-source]");
  var line = figure && document.getElementById(figure.dataset.source);
  if (!line || (event.type === "keydown" && figure.tabIndex < 0)) return;
  event.preventDefault();
  document.querySelectorAll(".edustats-here").forEach(function (old) { old.classList.remove("edustats-here"); });
  line.closest("details").open = true;
  line.classList.add("edustats-here");
  line.tabIndex = -1;
  if (event.type === "keydown") line.focus();
  line.scrollIntoView({ block: "nearest" });
}

// A long table shows its first rows and, on demand, the rest; without this script all of them stand there.
document.querySelectorAll(".edustats-more").forEach(function (button) {
  var table = button.previousElementSibling;
  table.classList.add("edustats-folded");
  button.hidden = false;
  button.addEventListener("click", function () { table.classList.remove("edustats-folded"); button.remove(); });
});
