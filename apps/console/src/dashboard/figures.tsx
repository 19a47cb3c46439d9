import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { numberText } from "../formats/numbers";

interface FigureProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
  /** A second line, such as a comparison. */
  readonly note?: ReactNode;
  readonly isBad?: boolean;
}

/** A number of the row at the top. */
export const Figure = ({ title, children, note, isBad = false }: FigureProps) => (
  <div className={isBad ? "figure late" : "figure"}>
    <dt>{title}</dt>
    <dd className="number">{children}</dd>
    <dd className="note">{note}</dd>
  </div>
);

interface ChangeProps {
  readonly now: number | null;
  readonly before: number | null;
  readonly days: number;
}

/** How a number has changed since the period before. Without a word of judgement: more is not always better. */
export function Change({ now, before, days }: ChangeProps) {
  const { i18n } = useLingui();
  if (now === null || before === null || before === 0) return null;
  const change = numberText(now / before - 1, i18n.locale, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
  return (
    <Trans>
      {change} from the previous {days} days
    </Trans>
  );
}
