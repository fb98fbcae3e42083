import { LectureList } from "./list.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-lecture");
  root.list ??= new LectureList(root, data);
  return () => {
    root.list?.close();
    delete root.list;
  };
}
