import { Trans } from "@lingui/react/macro";
import type { WeftError } from "@weft/client";
import { useEffect, type ReactNode, type Ref } from "react";
import "./changed.css";

interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/** Returns the values that differ. */
export const changesBetween = (before: Values, now: Values): readonly Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(now[name] ?? null))
    .map((name) => ({ name, before: before[name], now: now[name] }));

/** Returns what the user has changed, and of the rest what is there now. */
export const withMine = <Entered extends object>(mine: Entered, before: Entered, now: Entered): Entered => ({
  ...now,
  ...Object.fromEntries(Object.entries(mine).filter(([name, value]) => value !== before[name as keyof Entered])),
});

/** Loads what is there now when the server refuses a change because of another one: no event need have told of it. */
export function useReloadOnConflict(error: WeftError | null, reload: () => void): void {
  useEffect(() => {
    if (error?.code === "CONFLICT") reload();
  }, [error]);
}

interface ChangedProps {
  readonly ref?: Ref<HTMLDivElement>;
  /** What has been changed. Default: the request */
  readonly title?: ReactNode;
  readonly changes: readonly Change[];
  /** The label of a value, as the form shows it. */
  readonly labelOf: (name: string) => string;
  readonly textOf: (name: string, value: unknown) => string;
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** Says what has changed since the user began, and asks whose values stay. */
export function Changed({ ref, title, changes, labelOf, textOf, onKeep, onTake }: ChangedProps) {
  return (
    <div ref={ref} tabIndex={-1} role="alert" className="notice warn changed">
      <p>{title ?? <Trans>This request has been changed since you began.</Trans>}</p>
      {changes.length > 0 && (
        <ul>
          {changes.map(({ name, before, now }) => (
            <li key={name}>
              {labelOf(name)}: <del>{textOf(name, before)}</del> <ins>{textOf(name, now)}</ins>
            </li>
          ))}
        </ul>
      )}
      <p className="actions">
        <button type="button" className="link" onClick={onKeep}>
          <Trans>Keep mine</Trans>
        </button>
        <button type="button" className="link" onClick={onTake}>
          <Trans>Take theirs</Trans>
        </button>
      </p>
    </div>
  );
}
