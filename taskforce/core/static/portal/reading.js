/* A link to a paragraph that the text no longer has leads to the page that says what became of it. */
(function () {
  "use strict";

  function follow() {
    var found = /^#u-(\d+)$/.exec(window.location.hash);
    if (found && !document.getElementById("u-" + found[1])) {
      window.location.replace(window.location.pathname + "u/" + found[1] + "/");
    }
  }

  window.addEventListener("hashchange", follow);
  follow();
}());
