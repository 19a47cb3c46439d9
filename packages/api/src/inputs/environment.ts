import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** Environment of definitions, instances, and operations of applications. */
export enum Environment {
  DEV = "DEV",
  STAGING = "STAGING",
  PROD = "PROD",
}
registerEnumType(Environment, {
  name: "Environment",
  description: "Environments in which versions of a definition are used, instances run, and applications send operations.",
  valuesConfig: {
    DEV: { description: "Development: used by the authors of definitions." },
    STAGING: { description: "Staging: tested by the future users." },
    PROD: { description: "Production: requests and projects run here." },
  },
});
