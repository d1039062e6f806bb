import type { UseFormReturnType } from "@mantine/form";
import type { Draft } from "@/views/dataset/train/draft";

export type TrainForm = UseFormReturnType<Draft>;
