// Uploads with a bar that shows how far they are, a way to stop them, and files that are dropped.
// Without it the forms are sent as they are.
"use strict";

(() => {
  function size(bytes) {
    if (bytes < 1000) return `${bytes} bytes`;
    if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
    return `${(bytes / 1e6).toFixed(1)} MB`;
  }

  function clear(form) {
    for (const list of form.querySelectorAll(".errors:not([data-errors])")) list.remove();
    for (const field of form.querySelectorAll(".has-errors")) field.classList.remove("has-errors");
    for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    const general = form.querySelector("[data-errors]");
    general.replaceChildren();
    general.hidden = true;
  }

  // Each problem at its field, and the first of them in focus; what has no field stands above the button.
  function show(form, errors) {
    clear(form);
    let first = null;
    for (const { pointer, message } of errors) {
      const control = form.elements[pointer.slice(1)];
      const line = document.createElement("li");
      line.textContent = message;
      const field = pointer ? control?.closest?.(".field") : null;
      if (field) {
        field.closest("details")?.setAttribute("open", "");
        field.classList.add("has-errors");
        const id = `${control.id}_error`;
        let list = document.getElementById(id);
        if (!list) {
          list = document.createElement("ul");
          list.className = "errors";
          list.id = id;
          field.append(list);
          control.setAttribute("aria-describedby", `${control.id}_helptext ${id}`);
        }
        list.append(line);
        control.setAttribute("aria-invalid", "true");
        first ??= control;
      } else {
        const general = form.querySelector("[data-errors]");
        general.append(line);
        general.hidden = false;
      }
    }
    first?.focus();
  }

  function errorsOf(request) {
    try {
      const problem = JSON.parse(request.responseText);
      if (problem.errors?.length) return problem.errors;
      if (problem.detail || problem.title) return [{ pointer: "", message: problem.detail || problem.title }];
    } catch {
      // no problem of ours: a proxy's page, or one that says that the form is too old
    }
    const why = {
      403: "This page is too old: load it again, then upload the file once more.",
      413: "The server takes no file as large as this.",
    }[request.status];
    return [{ pointer: "", message: why ?? `The server answered ${request.status}. Try again in a moment.` }];
  }

  function send(form) {
    const file = form.elements.file.files[0];
    const most = Number(form.dataset.most);
    if (file && file.size > most) {
      show(form, [{ pointer: "/file", message: `It has ${size(file.size)}; at most ${size(most)} are taken.` }]);
      return;
    }
    clear(form);
    const progress = form.querySelector("[data-progress]");
    const bar = progress.querySelector("progress");
    const told = progress.querySelector("[data-told]");
    const button = form.querySelector("[type=submit]");
    const request = new XMLHttpRequest();

    function stop(errors) {
      progress.hidden = true;
      button.disabled = false;
      delete form.dataset.busy;
      delete form.dataset.sent; // app.js: it may be sent again
      show(form, errors);
    }

    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      told.textContent = event.loaded < event.total
        ? `${size(event.loaded)} of ${size(event.total)}`
        : "All of it is there; it is being stored";
    });
    request.addEventListener("load", () => {
      if (request.status !== 202) {
        stop(errorsOf(request));
        return;
      }
      const { url } = JSON.parse(request.responseText);
      if (new URL(url, location.href).pathname === location.pathname) location.reload();
      else location.assign(url);
    });
    request.addEventListener("error", () => {
      stop([{ pointer: "", message: "The connection broke. Nothing was stored; try again." }]);
    });
    request.addEventListener("abort", () => {
      stop([{ pointer: "", message: "Cancelled. Nothing was stored." }]);
    });
    progress.querySelector("[data-cancel]").onclick = () => request.abort();

    form.dataset.busy = "yes";
    button.disabled = true;
    bar.value = 0;
    told.textContent = "Uploading";
    progress.hidden = false;
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(form));
  }

  // As the server would call it: Sales 2026 (final).csv.gz is sales_2026_final.
  function nameOf(file) {
    const stem = file.toLowerCase().replace(/\.(gz|gzip|zip)$/, "").replace(/\.[a-z0-9]{1,8}$/, "");
    const name = stem.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
    return (/^[0-9]/.test(name) ? `t_${name}` : name).slice(0, 100).replace(/_+$/, "");
  }

  for (const form of document.querySelectorAll("form[data-upload]")) {
    const { file, name } = form.elements;
    const drop = form.querySelector("[data-drop]");
    let suggested = "";

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.dataset.busy) send(form);
    });
    file.addEventListener("change", () => {
      const [chosen] = file.files;
      if (!chosen || !name?.matches?.("input") || (name.value && name.value !== suggested)) return;
      suggested = nameOf(chosen.name);
      name.value = suggested;
    });
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("is-over");
      });
    }
    for (const kind of ["dragleave", "drop"]) {
      drop.addEventListener(kind, () => drop.classList.remove("is-over"));
    }
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change"));
    });
  }
})();
