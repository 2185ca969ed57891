/* Copies what a button names; without a clipboard the button stays hidden, and the text can be selected by hand. */
(function () {
  "use strict";

  if (!navigator.clipboard) {
    return;
  }

  function select(source) {
    var range = document.createRange();
    range.selectNodeContents(source);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    var source = document.getElementById(button.dataset.copy);
    var told = button.parentElement.querySelector("[role=status]");
    button.hidden = false;
    button.addEventListener("click", function () {
      /* Emptied first, so that a second press is told too. */
      told.textContent = "";
      navigator.clipboard.writeText(source.textContent).then(function () {
        told.textContent = button.dataset.copied;
      }, function () {
        /* Refused by the browser: what is selected can be copied by hand. */
        select(source);
      });
    });
  });
}());
