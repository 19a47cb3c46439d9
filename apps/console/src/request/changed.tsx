import { Trans, useLingui } from "@lingui/react/macro";
import { valueText, words } from "../formats/values";

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

interface ChangedProps {
  readonly changes: readonly Change[];
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** Says what has changed since the user began, and asks whose values stay. */
export function Changed({ changes, onKeep, onTake }: ChangedProps) {
  const { i18n } = useLingui();
  return (
    <div role="alert" className="notice warn changed">
      <p>
        <Trans>This request has been changed since you began.</Trans>
      </p>
      <ul>
        {changes.map(({ name, before, now }) => (
          <li key={name}>
            {words(name)}: <del>{valueText(before, i18n.locale)}</del> <ins>{valueText(now, i18n.locale)}</ins>
          </li>
        ))}
      </ul>
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
