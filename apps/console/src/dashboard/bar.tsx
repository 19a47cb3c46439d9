import "./bar.css";

interface BarProps {
  readonly value: number;
  readonly of: number;
  /** A part of the value that needs attention. */
  readonly marked?: number;
}

/** A length beside a number that says the same, so it is for the eye only. */
export function Bar({ value, of, marked = 0 }: BarProps) {
  const share = (part: number): string => `${of === 0 ? 0 : Math.min(100, (100 * part) / of)}%`;
  return (
    <span className="bar" aria-hidden="true">
      <span style={{ width: share(marked) }} data-marked="" />
      <span style={{ width: share(value - marked) }} />
    </span>
  );
}
