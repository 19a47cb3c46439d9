import { registerEnumType } from "type-graphql";

/** Stored as a number. */
export enum RequestLevel {
  LOW = 0,
  MEDIUM = 1,
  HIGH = 2,
}
registerEnumType(RequestLevel, {
  name: "RequestLevel",
  description: "Levels of impact and urgency.",
  valuesConfig: {
    LOW: { description: "Low: one user, or it can wait." },
    MEDIUM: { description: "Medium: several users, or work is slower." },
    HIGH: { description: "High: many users, or work has stopped." },
  },
});
