/* Comfort for whoever changes a text: it works without this file, where an empty line says where to split. */
(function () {
  "use strict";

  /* Where the cursor was in a field, in characters as the server counts them. */
  function placeIn(field) {
    return Array.from(field.value.slice(0, field.selectionStart)).length;
  }

  /* The place goes along with the form; a field that nobody has been in has none. */
  document.querySelectorAll("input[data-edit-place]").forEach(function (input) {
    var field = document.getElementsByName(input.dataset.editPlace)[0];
    if (field) {
      field.addEventListener("blur", function () {
        input.value = String(placeIn(field));
      });
    }
  });
}());
