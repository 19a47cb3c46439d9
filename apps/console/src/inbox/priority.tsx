import { useLingui } from "@lingui/react";
import { priorities } from "./filters";

/** A priority that needs attention. The normal one is not shown. */
export function Priority({ priority }: { readonly priority: string }) {
  const { i18n } = useLingui();
  if (priority === "NORMAL") return null;
  const title = priorities[priority as keyof typeof priorities];
  return (
    <span className="priority" data-priority={priority}>
      {title ? i18n._(title) : priority}
    </span>
  );
}
