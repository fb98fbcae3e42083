// The places of a stage's parts: figure and rail side by side or, if it is narrow, one below the other.

import { stagger } from "./handles.js";

const NARROW = 860; // px of the stage's width
const LEAST = 452; // px of height: a figure of 400 px and the tiles
const EDGE = 6; // px kept free at the window's lower edge

// The height that the window has for figure and rail, above the row under them.
function room(stage) {
  const scroller = stage.root.closest("[data-testid=stMain]");
  const top = stage.scene.getBoundingClientRect().top + (scroller?.scrollTop ?? window.scrollY);
  return Math.max(LEAST, window.innerHeight - top - stage.foot.offsetHeight - EDGE);
}

// Whether there is room for a single control: on a projector cards take the rest. But a mark is set by the values of
// all, and the words on a state that the presenter has led to may name any.
function scarce({ asking, data, led, prediction }) {
  return data.scale > 1 && !(asking ? prediction.ask.drawn : led);
}

// Returns whether a figure's size has changed. In the projector view, another window has letters of another size, too.
export function layOut(stage) {
  const { root, board, picture, scene } = stage;
  stage.narrow = Boolean(stage.data.picture) || root.clientWidth < NARROW;
  root.classList.toggle("bnl-narrow", stage.narrow && !stage.data.picture);
  root.classList.toggle("bnl-alone", Boolean(stage.data.picture));
  root.classList.toggle("bnl-teach", stage.data.scale > 1);
  stage.controls.place(scarce(stage));
  scene.style.height = stage.narrow ? "" : `${room(stage)}px`;
  const rescaled = board.laidOutFor !== board.scale;
  if (rescaled) board.layOutFigures(board.blank, stage.dark);
  const changed = board.size(stage.narrow) || rescaled;
  if (!stage.data.picture) board.keepRoom(stage.narrow && !stage.asking ? picture.longest : "");
  for (const marks of root.querySelectorAll(".bnl-marks")) stagger(marks);
  stage.beside ??= watched(stage);
  return changed;
}

// Whenever a part of the rail has another size, decide anew whether a goal that is shown leaves the sentence its room.
function watched(stage) {
  const sizes = new ResizeObserver(() => giveWay(stage));
  for (const part of stage.scene.lastChild.children) sizes.observe(part);
  return sizes;
}

function giveWay({ asking, data, narrow, root, scene }) {
  const rail = scene.lastChild;
  root.classList.remove("bnl-full");
  const full = data.scale > 1 && !narrow && !asking && rail.scrollHeight > rail.clientHeight + 1;
  root.classList.toggle("bnl-full", full);
}
