/**
 * The form that kills, for fault tests alone: `WEFT_CHAOS="point:n" node --conditions=weft-chaos …` ends this process with SIGKILL when the
 * point is reached the n-th time; several are separated by commas. A SIGKILL runs no handler, so nothing gets a chance to tidy up.
 */
const countdowns = new Map<string, number>(parse(process.env["WEFT_CHAOS"] ?? ""));

export function chaos(point: string): void {
  const left = countdowns.get(point);
  if (left === undefined) return;
  if (left === 1) process.kill(process.pid, "SIGKILL");
  countdowns.set(point, left - 1);
}

function parse(text: string): [string, number][] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const found = /^\s*([\w.:-]+):([1-9]\d*)\s*$/.exec(part);
      if (!found?.[1]) throw new Error(`WEFT_CHAOS has "${part}", but each part is "point:n", for example "submitRequest.written:1".`);
      return [found[1], Number(found[2])];
    });
}
