import { useId, type ReactNode } from "react";

interface SideSectionProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
}

/** A part of the side of the page. */
export function SideSection({ title, children }: SideSectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
