import { column, columns, standardColumns, updateInputOf } from "@weft/api/columns";

export const SetBreakGlassInput = updateInputOf(
  "SetBreakGlassInput",
  columns({
    userId: column.id("The user.", { requiredInUpdate: true }),
    isBreakGlass: column.flag("Whether the user can log in with a password although single sign-on is required.", {
      requiredInUpdate: true,
    }),
    ...standardColumns.expectedVersion,
  }),
  "Input of `setBreakGlass`.",
);
export type SetBreakGlassInput = InstanceType<typeof SetBreakGlassInput>;
