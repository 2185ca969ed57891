/* Comfort only: offers the browser's own time zone where a form still has the first one. */
(function () {
  "use strict";

  var field = document.querySelector("form[data-main] select[name=zone]");
  var own = window.Intl && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field || !own || field.value !== "UTC" || document.querySelector(".pt-error-summary")) {
    return;
  }
  field.value = own;
  if (field.value !== own) {
    field.add(new Option(own.replace(/_/g, " "), own));
    field.value = own;
  }
}());
