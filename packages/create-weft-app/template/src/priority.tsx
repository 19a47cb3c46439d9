import { words } from "./format";

/** A priority that is worth mentioning. */
export const Priority = ({ priority }: { readonly priority: string }) =>
  priority === "NORMAL" ? null : (
    <span className="badge" data-priority={priority}>
      {words(priority)}
    </span>
  );
