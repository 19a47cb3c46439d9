import { registerEnumType } from "type-graphql";

export enum Environment {
  DEV = "DEV",
  STAGING = "STAGING",
  PROD = "PROD",
}
registerEnumType(Environment, {
  name: "Environment",
  description: "Where a version of a definition is used, and where an instance runs.",
  valuesConfig: {
    DEV: { description: "Tried out by those who write it." },
    STAGING: { description: "Tried out by those who will work with it." },
    PROD: { description: "What counts: requests and projects run here." },
  },
});

const inOrder = [Environment.DEV, Environment.STAGING, Environment.PROD];

/** The environments that a version in `last` has come through. */
export const environmentsUpTo = (last: Environment): Environment[] => inOrder.slice(0, inOrder.indexOf(last) + 1);
