import { Presenter } from "./presenter.js";

new Presenter(document.body, JSON.parse(document.getElementById("given").textContent));
