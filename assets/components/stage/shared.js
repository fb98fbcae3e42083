// Where a lesson's stage says what state it shows, for the panels of the same page.
export const stages = {};
