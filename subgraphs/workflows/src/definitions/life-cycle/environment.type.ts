import { Environment } from "@weft/api/inputs";

export { Environment };

const inOrder = [Environment.DEV, Environment.STAGING, Environment.PROD];

/** Returns the environments of a version that was promoted up to `last`. */
export const environmentsUpTo = (last: Environment): Environment[] => inOrder.slice(0, inOrder.indexOf(last) + 1);
