"""A portable model as an ONNX file, where ONNX has words for it."""
