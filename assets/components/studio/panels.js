// Two small forms: change a setting of the run that is under way, or fork it where the reader looks.

// A field's input: `able` says what it may hold: {name, label, options} or {name, label, low, high, whole}.
function inputOf(able, value) {
  if (!able.options) {
    return element("input", { type: "number", min: able.low, max: able.high, step: "any", value, required: "", "aria-label": able.label });
  }
  const select = element("select", { "aria-label": able.label });
  select.append(...able.options.map((option) => element("option", { value: option }, option)));
  select.value = value;
  return select;
}

class Panel {
  constructor(title, hint, submit, onSubmit) {
    this.fields = element("select", { "aria-label": title });
    this.place = element("span", {});
    this.extra = element("span", {});
    this.says = hint;
    this.hint = element("p", { class: "bns-hint" }, hint);
    this.send = element("button", { type: "submit", class: "bns-button bns-primary" }, submit);
    this.form = element("form", {}, this.extra, this.fields, this.place, this.send);
    this.complaint = element("p", { class: "bns-complaint", role: "alert", hidden: "" });
    this.node = element("details", { class: "bns-panel" }, element("summary", {}, title), this.hint, this.form, this.complaint);
    this.fields.addEventListener("change", () => this.offer());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSubmit(this.able.name, this.value());
    });
  }

  set(ables, values) {
    if (!ables.length || JSON.stringify([ables, values]) === this.kept) return;
    this.kept = JSON.stringify([ables, values]);
    const chosen = this.fields.value;
    [this.ables, this.values] = [ables, values];
    this.fields.replaceChildren(...ables.map(({ name, label }) => element("option", { value: name }, label)));
    if (ables.some(({ name }) => name === chosen)) this.fields.value = chosen;
    this.offer();
  }

  offer() {
    this.able = this.ables.find(({ name }) => name === this.fields.value);
    this.input = inputOf(this.able, this.values[this.able.name]);
    this.place.replaceChildren(this.input);
  }

  value() {
    return this.able.options ? this.input.value : Number(this.input.value);
  }

  // Why nothing can be sent from here; an empty text where something can.
  bar(why) {
    this.send.disabled = Boolean(why);
    this.hint.textContent = why || this.says;
  }

  complain(text) {
    this.complaint.hidden = !text;
    this.complaint.textContent = text;
  }
}
