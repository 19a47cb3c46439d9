import { registerEnumType } from "type-graphql";

export enum Environment {
  DEV = "DEV",
  STAGING = "STAGING",
  PROD = "PROD",
}
registerEnumType(Environment, {
  name: "Environment",
  description: "Environments in which versions of a definition are used and instances run.",
  valuesConfig: {
    DEV: { description: "Development: used by the authors of definitions." },
    STAGING: { description: "Staging: tested by the future users." },
    PROD: { description: "Production: requests and projects run here." },
  },
});

const inOrder = [Environment.DEV, Environment.STAGING, Environment.PROD];

/** Returns the environments of a version that was promoted up to `last`. */
export const environmentsUpTo = (last: Environment): Environment[] => inOrder.slice(0, inOrder.indexOf(last) + 1);
