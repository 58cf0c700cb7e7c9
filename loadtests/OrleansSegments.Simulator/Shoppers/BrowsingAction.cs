namespace OrleansSegments.Simulator.Shoppers;

/// <summary>What a shopper does within a visit apart from ordering.</summary>
internal enum BrowsingAction
{
    ViewProduct = 0,
    ViewList = 1,
    Search = 2,
    AddToCart = 3,
    ClickPromotion = 4,
    AddToWishlist = 5,
    Review = 6,
}
