// Where a lesson's stage says what state it shows, for the script on the same page.
export const stages = {};
