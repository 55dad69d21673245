"""A rep asks a colleague to take a deal, who says yes or no: from those who find to those who close."""
