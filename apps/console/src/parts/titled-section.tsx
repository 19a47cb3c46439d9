import { useId, type ReactNode } from "react";

interface TitledSectionProps {
  readonly title: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page, which has its title as its name. */
export function TitledSection({ title, children }: TitledSectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
