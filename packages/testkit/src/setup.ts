// type-graphql asks for it, although nothing emits metadata: it must be there before the first decorator runs.
import "reflect-metadata";
