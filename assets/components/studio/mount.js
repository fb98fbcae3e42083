// Put the nodes there in order, without moving those that stand right: a moved canvas is drawn again.
function place(parent, nodes) {
  if (nodes.length === parent.children.length && nodes.every((node, index) => parent.children[index] === node)) return;
  parent.replaceChildren(...nodes);
}

// What Streamlit calls whenever the page's data change; the studio itself stays.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".bnl-studio");
  root.studio ??= new Studio(root, data);
  root.studio.update(data, (asked) => setTriggerValue("asked", asked));
  return () => {
    root.studio?.stream.close();
    for (const node of root.querySelectorAll(".bnl-figure")) window.Plotly?.purge(node);
    delete root.studio;
  };
}
