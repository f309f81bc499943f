"""Who people are, what they may do, and what the shop keeps of them."""
