/** Maximum number of children that entering a state can start. */
export const MAX_CHILDREN = 100;
/** Maximum number of running instances under one root. */
export const MAX_HIERARCHY = 1000;
/** Maximum depth of children below a root. */
export const MAX_HIERARCHY_DEPTH = 5;
