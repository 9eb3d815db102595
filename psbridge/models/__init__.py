"""One model per noun: PSObjects in, typed and checked values out."""
