GREETING = "got"
