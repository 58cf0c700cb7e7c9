namespace OrleansSegments.Simulator.Events;

/// <summary>The names of the e-commerce and assistant specs that the simulator sends.</summary>
public static class EventNames
{
    public const string ProductViewed = "Product Viewed";
    public const string ProductListViewed = "Product List Viewed";
    public const string ProductsSearched = "Products Searched";
    public const string ProductAdded = "Product Added";
    public const string ProductAddedToWishlist = "Product Added to Wishlist";
    public const string ProductReviewed = "Product Reviewed";
    public const string PromotionClicked = "Promotion Clicked";
    public const string CouponApplied = "Coupon Applied";
    public const string OrderCompleted = "Order Completed";
    public const string OrderRefunded = "Order Refunded";
    public const string ConversationStarted = "Conversation Started";
    public const string FeedbackSubmitted = "Feedback Submitted";
    public const string HomePage = "Home";
}
