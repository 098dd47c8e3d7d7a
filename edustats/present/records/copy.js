// Copies a sentence, a table with its borders, or a picture. Buttons stay hidden where no script may run.
(function (scope) {
  function selected(node) {
    var range = document.createRange(), selection = getSelection();
    range.selectNode(node);
    selection.removeAllRanges();
    selection.addRange(range);
    var done = document.execCommand("copy");
    selection.removeAllRanges();
    return done ? Promise.resolve() : Promise.reject();
  }
  function typed(text) {
    var area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject();
  }
  function write(parts, otherwise) {
    if (!navigator.clipboard || !window.ClipboardItem) return otherwise();
    return navigator.clipboard.write([new ClipboardItem(parts)]).catch(otherwise);
  }
  function blob(text, kind) { return new Blob([text], { type: kind }); }
  function picture(image) {
    return new Promise(function (give) {
      var canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      canvas.getContext("2d").drawImage(image, 0, 0);
      canvas.toBlob(give, "image/png");
    });
  }
  function rows(table) {
    return Array.from(table.rows, function (row) {
      return Array.from(row.cells, function (cell) { return cell.textContent.trim(); }).join("\t");
    }).join("\n");
  }
  var copies = {
    text: function (item) {
      var text = item.querySelector(".edustats-said").textContent;
      return write({ "text/plain": blob(text, "text/plain") }, function () { return typed(text); });
    },
    table: function (item) {
      var table = item.querySelector("table");
      return write({ "text/html": blob(table.outerHTML, "text/html"), "text/plain": blob(rows(table), "text/plain") },
        function () { return selected(table); });
    },
    picture: function (item) {
      var image = item.querySelector("img");
      return write({ "image/png": picture(image) }, function () { return selected(image); });
    }
  };
  scope.querySelectorAll(".edustats-copy").forEach(function (button) {
    var label = button.textContent;
    button.style.display = "";
    button.onclick = function () {
      copies[button.value](button.closest(".edustats-item")).then(
        function () { button.textContent = button.name; }, function () { button.textContent = "✗"; }
      ).then(function () { setTimeout(function () { button.textContent = label; }, 2000); });
    };
  });
})
