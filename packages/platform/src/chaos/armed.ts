import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, rmSync } from "node:fs";

/**
 * Whether points can be armed in this process. Guards code in which even naming a point has a cost.
 * @public The import `#chaos` is this file in processes of tests.
 */
export const isArmable = true;

interface Plan {
  /** Point after which counting starts. Undefined if counting has started. */
  after: string | undefined;
  /** Whether only points in code that follows from `after` count, and not those in concurrent work. */
  readonly isOwn: boolean;
  readonly point: string;
  left: number;
  readonly deed: "kill" | "reject" | "stop";
}

const file = process.env["WEFT_CHAOS_FILE"];
const plans: Plan[] = parse(process.env["WEFT_CHAOS"] ?? "");
let fromFile = "";
const begun = new AsyncLocalStorage<Plan>();

/**
 * The armed form, only for fault tests. `WEFT_CHAOS="point:n" node --conditions=weft-chaos …` ends this process with SIGKILL when the point is
 * reached for the nth time. Several points are separated by commas. SIGKILL runs no handlers, so nothing can clean up. `first>point:n` starts
 * counting when the point `first` is reached. `first>>point:n` then counts only in code that follows from it, not in concurrent work.
 * `point:n:reject` causes an unhandled rejection instead of the kill, and `point:n:stop` stops the process until it receives SIGCONT. WEFT_CHAOS_FILE is the path of a file that is read again at each point, so that
 * a running process can be armed. It is deleted before the action, so that the next process is not killed too.
 * @public The import `#chaos` is this file in processes of tests.
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
  else if (deed === "stop") process.kill(process.pid, "SIGSTOP");
  else void Promise.reject(new Error(`chaos at ${point}`));
}

function readFile(): void {
  if (file === undefined) return;
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // No points are armed.
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
      const found = /^\s*(?:([\w.-]+)(>>?))?([\w.-]+):([1-9]\d*)(?::(reject|stop))?\s*$/.exec(part);
      if (!found?.[3])
        throw new Error(`WEFT_CHAOS contains "${part}". Each part must be "point:n", for example "submitRequest.answered:1".`);
      const [, after, arrow, name, times, deed = "kill"] = found;
      return { after, isOwn: arrow === ">>", point: name ?? "", left: Number(times), deed: deed as Plan["deed"] };
    });
}
