import type { Machine } from "../model/machine.js";

/** Whether instances of the definition have SLA clocks or chains of escalations, which every change of an instance brings up to date. */
export const keepsClocks = ({ slas, escalations }: Pick<Machine, "slas" | "escalations">): boolean => slas.size + escalations.size > 0;
