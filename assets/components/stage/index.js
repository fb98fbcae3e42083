import { Stage } from "./stage.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-stage");
  root.stage ??= new Stage(root, data);
  root.stage.update(data);
  return () => {
    root.stage?.close();
    delete root.stage;
  };
}
