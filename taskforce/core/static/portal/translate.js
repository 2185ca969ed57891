/* The work page of a translation: saves without leaving the page, goes from unit to unit. Each form works without it. */
(function () {
  "use strict";

  var work = document.querySelector("[data-work]");
  if (!work) {
    return;
  }
  var told = document.querySelector("[data-told]");
  var isLeaving = false;

  function unitOf(element) {
    return element && element.closest("[data-unit]");
  }

  function units() {
    return Array.from(work.querySelectorAll("[data-unit]"));
  }

  function areaOf(unit) {
    return unit && unit.querySelector("textarea");
  }

  function isChanged(unit) {
    var area = areaOf(unit);
    return Boolean(area) && area.value !== area.defaultValue;
  }

  /* A polite region is read when it changes, also to the same words. */
  function tell(sentence) {
    told.textContent = "";
    setTimeout(function () {
      told.textContent = sentence;
    }, 50);
  }

  function say(form, sentence) {
    form.querySelector("[data-state]").textContent = sentence;
  }

  /* --- kept while it is not saved ---------------------------------------------------------------------------- */

  /* In this tab only, and for the version that it was typed on: a reload or a fall of the browser loses nothing. */
  function keyOf(unit) {
    var version = unit.querySelector("[name=version]");
    return "translating:" + location.pathname + ":" + unit.dataset.unit + ":" + (version ? version.value : "");
  }

  function keep(unit) {
    try {
      if (isChanged(unit)) {
        window.sessionStorage.setItem(keyOf(unit), areaOf(unit).value);
      } else {
        window.sessionStorage.removeItem(keyOf(unit));
      }
    } catch (error) {
      /* Storage is switched off or full: the page warns before it is left. */
    }
  }

  function forget(unit) {
    try {
      window.sessionStorage.removeItem(keyOf(unit));
    } catch (error) {
      /* As above. */
    }
  }

  function bringBack(unit) {
    var typed = null;
    try {
      typed = areaOf(unit) && window.sessionStorage.getItem(keyOf(unit));
    } catch (error) {
      typed = null;
    }
    if (typed && !isChanged(unit)) {
      areaOf(unit).value = typed;
      say(areaOf(unit).form, work.dataset.back);
    }
  }

  work.addEventListener("input", function (event) {
    if (event.target.tagName === "TEXTAREA") {
      keep(unitOf(event.target));
    }
  });

  /* --- from unit to unit ------------------------------------------------------------------------------------- */

  function here(unit) {
    units().forEach(function (each) {
      each.classList.toggle("pt-work__unit--here", each === unit);
    });
  }

  function go(unit) {
    here(unit);
    var area = areaOf(unit);
    unit.scrollIntoView({ block: "start" });
    if (area) {
      area.focus({ preventScroll: true });
    } else {
      unit.tabIndex = -1;
      unit.focus({ preventScroll: true });
    }
  }

  function beside(unit, step) {
    var all = units();
    return all[all.indexOf(unit) + step];
  }

  work.addEventListener("click", function (event) {
    var way = event.target.closest("[data-way]");
    var unit = way && beside(unitOf(way), way.dataset.way === "next" ? 1 : -1);
    if (unit) {
      event.preventDefault();
      go(unit);
    }
  });

  work.addEventListener("focusin", function (event) {
    here(unitOf(event.target));
  });

  work.addEventListener("keydown", function (event) {
    var unit = unitOf(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("button[value=next]"));
    } else if (event.altKey && (event.key === "PageDown" || event.key === "PageUp")) {
      var other = beside(unit, event.key === "PageDown" ? 1 : -1);
      if (other) {
        event.preventDefault();
        go(other);
      }
    }
  });

  /* --- saving ------------------------------------------------------------------------------------------------ */

  function replace(unit, html) {
    var made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    /* Previous and next are those of this page. */
    made.querySelector(".pt-work__ways").replaceWith(unit.querySelector(".pt-work__ways"));
    unit.replaceWith(made);
    return made;
  }

  function goOn(answer, made) {
    var next = answer.next && document.getElementById("u" + answer.next);
    if (next) {
      go(next);
    } else if (answer.next_url) {
      isLeaving = !units().some(isChanged);
      location.assign(answer.next_url);
    } else {
      go(made);
    }
  }

  function put(unit, answer, isSaved, typedMeanwhile) {
    if (isSaved) {
      forget(unit);
    }
    var made = replace(unit, answer.unit);
    if (typedMeanwhile !== null && areaOf(made)) {
      areaOf(made).value = typedMeanwhile;
      keep(made);
    }
    if (answer.progress) {
      document.getElementById("progress").innerHTML = answer.progress;
    }
    tell(answer.told);
    if (isSaved && typedMeanwhile === null) {
      goOn(answer, made);
    } else {
      go(made);
    }
  }

  /* What the script cannot deal with is sent as a form: the portal answers with a page, and keeps what was typed. */
  function sendAsForm(form, action) {
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "action";
    field.value = action;
    form.append(field);
    isLeaving = true;
    form.submit();
  }

  function send(form, action) {
    var unit = unitOf(form);
    var body = new FormData(form);
    var sent = areaOf(unit).value;
    body.set("action", action);
    say(form, work.dataset.saving);
    form.dataset.busy = "1";
    /* Not `form.action`: that is the button of this name. */
    fetch(form.getAttribute("action"), {
      method: "POST", body: body, headers: { Accept: "application/json" }, redirect: "manual", credentials: "same-origin"
    }).then(function (response) {
      var isOurs = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
      if (!isOurs) {
        sendAsForm(form, action);
        return null;
      }
      return response.json().then(function (answer) {
        var now = areaOf(unit).value;
        put(unit, answer, response.ok, now === sent ? null : now);
      });
    }).catch(function () {
      say(form, work.dataset.unsent);
      tell(work.dataset.unsent);
    }).then(function () {
      delete form.dataset.busy;
    });
  }

  work.addEventListener("submit", function (event) {
    var form = event.target.closest(".pt-work__form");
    if (!form) {
      return;
    }
    event.preventDefault();
    if (!form.dataset.busy) {
      send(form, (event.submitter && event.submitter.value) || "save");
    }
  });

  window.addEventListener("pageshow", function () {
    isLeaving = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isLeaving && units().some(isChanged)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* --- where to begin ---------------------------------------------------------------------------------------- */

  var wanted = /^#u(\d+)$/.exec(location.hash);
  var target = wanted && document.getElementById("u" + wanted[1]);
  if (wanted && !target && !/[?&]unit=/.test(location.search)) {
    /* On another page of the list: the portal finds it. */
    location.replace("?show=all&unit=" + wanted[1] + location.hash);
    return;
  }
  document.querySelector(".pt-work__keys").hidden = false;
  work.classList.add("pt-work--single");
  units().forEach(bringBack);
  here(target || units()[0]);
  if (target) {
    go(target);
    /* The browser goes to the fragment itself once all is there, and takes the focus away with it. */
    window.addEventListener("load", function () {
      setTimeout(go, 0, target);
    });
  }
}());
