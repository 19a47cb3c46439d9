import { Button } from "@mantine/core";
import type { TransitionButtonProps } from "@weft/react";

/** The button of a transition, for `TransitionButtons`. */
export const TransitionButton = ({ transition, buttonProps }: TransitionButtonProps) => (
  <Button {...buttonProps} variant="default">
    {transition.title}
  </Button>
);
