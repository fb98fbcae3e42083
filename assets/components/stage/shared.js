// Where a lesson's stage publishes its state, for the script on the same page.
export const stages = {};
