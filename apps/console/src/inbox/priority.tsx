import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";

const titles = { LOW: msg`Low`, NORMAL: msg`Normal`, HIGH: msg`High`, URGENT: msg`Urgent` } as const;

/** A priority that needs attention. The normal one is not shown. */
export function Priority({ priority }: { readonly priority: string }) {
  const { i18n } = useLingui();
  if (priority === "NORMAL") return null;
  const title = titles[priority as keyof typeof titles];
  return (
    <span className="priority" data-priority={priority}>
      {title ? i18n._(title) : priority}
    </span>
  );
}
