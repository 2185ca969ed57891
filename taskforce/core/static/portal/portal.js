/* Comfort only: every page works without this file. */
(function () {
  "use strict";

  /* Adds the reader's own time beside every instant that is shown in UTC. */
  function addLocalTimes() {
    var sentence = document.body.dataset.localTime;
    if (!sentence || !window.Intl) {
      return;
    }
    var language = document.documentElement.lang;
    /* English without a country would write the month first; the portal's own dates write the day first. */
    var format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
      year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
      hourCycle: "h23", timeZoneName: "short", numberingSystem: "latn"
    });
    document.querySelectorAll("time[data-local]").forEach(function (element) {
      var instant = new Date(element.dateTime);
      /* A reader who lives in UTC would read the same words twice. */
      if (isNaN(instant) || instant.getTimezoneOffset() === 0) {
        return;
      }
      var own = document.createElement("span");
      own.className = "pt-own-time";
      own.dir = "auto";
      var parts = sentence.split("{time}");
      var time = document.createElement("bdi");
      time.textContent = format.format(instant);
      own.append("(" + parts[0], time, (parts[1] || "") + ")");
      element.after(" ", own);
    });
  }

  /* Menus are details elements; Escape and a press elsewhere close them. */
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) {
        menu.open = false;
      }
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
  });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (menu) {
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) {
        menu.querySelector("summary").focus();
      }
    }
  });

  /* A language chosen from the menu is remembered for addresses that name none; the page itself sets no cookie. */
  function rememberLanguage(link) {
    var secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = "language=" + link.hreflang.toLowerCase() + "; path=/; max-age=31536000; samesite=lax" + secure;
  }

  document.querySelectorAll(".pt-menu--languages a[hreflang]").forEach(function (link) {
    link.addEventListener("click", function () {
      rememberLanguage(link);
    });
  });

  addLocalTimes();
}());
