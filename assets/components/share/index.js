import { Share } from "./share.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-share");
  root.share ??= new Share(root, data);
  root.share.update(data);
  return () => {
    root.share?.close();
    delete root.share;
  };
}
