import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** Priority of a request or a task. Stored as a number, so that ordering by priority is ordering by number. */
export enum Priority {
  LOW = 0,
  NORMAL = 1,
  HIGH = 2,
  URGENT = 3,
}
registerEnumType(Priority, {
  name: "Priority",
  description: "Priority of a request or a task.",
  valuesConfig: {
    LOW: { description: "Low." },
    NORMAL: { description: "Normal: the default." },
    HIGH: { description: "High." },
    URGENT: { description: "Urgent: immediately." },
  },
});
