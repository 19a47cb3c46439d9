import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, rmSync } from "node:fs";

/** Whether points can be armed in this process: guards what would cost something only to name a point. */
export const isArmable = true;

interface Plan {
  /** Points count from the moment on that this one is reached. */
  after: string | undefined;
  /** Only points that are reached in what follows from that moment count, not those of work that runs beside it. */
  readonly isOwn: boolean;
  readonly point: string;
  left: number;
  readonly deed: "kill" | "reject";
}

const file = process.env["WEFT_CHAOS_FILE"];
const plans: Plan[] = parse(process.env["WEFT_CHAOS"] ?? "");
let fromFile = "";
const begun = new AsyncLocalStorage<Plan>();

/**
 * The form that kills, for fault tests alone: `WEFT_CHAOS="point:n" node --conditions=weft-chaos …` ends this process with SIGKILL when the
 * point is reached the n-th time; several are separated by commas. A SIGKILL runs no handler, so nothing gets a chance to tidy up.
 * `first>point:n` counts from the moment on that the point `first` is reached; `first>>point:n` counts in what follows from there alone, not in what
 * runs beside it. `point:n:reject` leaves a rejection behind that nobody handles, in
 * place of the kill. WEFT_CHAOS_FILE names a file that is read again at each point, so that a running process can be armed; it is deleted before
 * the deed, so that the next process is not killed too.
 */
export function chaos(point: string): void {
  readFile();
  for (const plan of plans) {
    if (plan.after !== undefined) {
      if (plan.after !== point) continue;
      plan.after = undefined;
      if (plan.isOwn) begun.enterWith(plan);
    } else if (plan.point === point && (!plan.isOwn || begun.getStore() === plan) && --plan.left === 0) {
      act(plan);
    }
  }
}

function act({ deed, point }: Plan): void {
  if (file !== undefined) rmSync(file, { force: true });
  if (deed === "kill") process.kill(process.pid, "SIGKILL");
  else void Promise.reject(new Error(`chaos at ${point}`));
}

function readFile(): void {
  if (file === undefined) return;
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Nothing is armed.
  }
  if (text === fromFile) return;
  fromFile = text;
  plans.splice(0, plans.length, ...parse(text));
}

function parse(text: string): Plan[] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const found = /^\s*(?:([\w.-]+)(>>?))?([\w.-]+):([1-9]\d*)(:reject)?\s*$/.exec(part);
      if (!found?.[3]) throw new Error(`WEFT_CHAOS has "${part}", but each part is "point:n", for example "submitRequest.answered:1".`);
      const [, after, arrow, name, times, reject] = found;
      return { after, isOwn: arrow === ">>", point: name ?? "", left: Number(times), deed: reject === undefined ? "kill" : "reject" };
    });
}
